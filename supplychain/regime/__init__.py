"""Room `regime`: controls, licences and scenarios become the weekly numbers of one world."""
