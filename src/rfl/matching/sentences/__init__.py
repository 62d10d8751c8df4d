"""The matcher's sentences: English in `english.py`, the others in gettext catalogues (.po)."""
