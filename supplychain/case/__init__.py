"""Room `case`: network, scenario and policy become the numbers of one world by week."""
