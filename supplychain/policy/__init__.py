"""What controls and regimes say, and what an authority grants."""
