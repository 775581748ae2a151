"""python -m femna."""

import sys

from femna.cli import main

if __name__ == "__main__":
    sys.exit(main())
