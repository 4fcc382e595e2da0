"""What Django's own Hindi leaves out: lakhs and crores (12,34,567), and how a time follows a date.

Times are of 24 hours: its words for a.m. and p.m. are the same.
"""

NUMBER_GROUPING = (3, 2, 0)
DATETIME_FORMAT = "j F Y, H:i"
TIME_FORMAT = "H:i"
YEAR_MONTH_FORMAT = "F Y"
SHORT_DATETIME_FORMAT = "d-m-Y H:i"
FIRST_DAY_OF_WEEK = 0
