"""The manual pages, made when the package is built: `python -m man DIRECTORY`."""
