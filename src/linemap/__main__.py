"""``python -m linemap``: for laptops on which only Python itself may be started."""

from linemap.cli import main

if __name__ == "__main__":
    main()
