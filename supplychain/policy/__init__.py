"""Room `policy`: what controls and regimes say, and what an authority grants."""
