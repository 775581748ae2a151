"""Other codes on EDP-1, each a script that runs in an environment without femna and prints one line of JSON."""
