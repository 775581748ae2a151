"""The contract for physics: what a process declares, what a state holds, what a diagnostic measures."""
