"""The report on run folders: the paper's tables with our columns, pictures, errors, and single cases to look at."""
