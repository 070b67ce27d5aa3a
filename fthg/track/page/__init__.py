"""The report page: words, chart geometry and packed rows, with template, style and script."""
