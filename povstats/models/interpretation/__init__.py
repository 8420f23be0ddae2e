"""Reading a fit: effects, predictions, diagnostics, sentences. Functions of an HLMResult, which become its methods.

A function here takes a fit and plain arguments and returns a small frozen result with tidy(), summary() and
explain(). Nothing here touches a likelihood but through a refit of cached cross-products.
"""
