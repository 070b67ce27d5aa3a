"""The report page: words, chart geometry and packed rows; template, style and script lie beside."""
