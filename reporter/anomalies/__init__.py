"""The arithmetic behind insights: numpy only, and loaded only where it is used."""
