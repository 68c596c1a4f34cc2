"""A dashboard of CloudWatch without CloudWatch: read from its template, computed, drawn as a page.

Read ``widget`` (what a dashboard is made of), ``template`` (those of a synthesised stack),
``compute`` (the points of a chart), ``chart``, ``words`` and ``page`` (what people look at).
"""
