"""The tests of what measures: that it counts, compares and reports rightly. No figure of speed is tested."""
