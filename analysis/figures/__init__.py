"""Figures as SVG, drawn on the server by pure functions: the same shapes on the page and on paper.

Invariants: every text is escaped on its way in; nothing carries inline style, so that the strict content
security policy holds; what a figure shows is also said in words, by its label and by the text around it.
"""
