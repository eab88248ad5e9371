"""What everything is made of: values with bounds, facts and their dictionary, profiles, views, outcomes, errors.

The lowest floor; imports nothing of the project but itself.

    >>> from checker.model.interval import Interval
    >>> Interval(0.04, 0.06).is_point
    False
"""
