"""Predictions of rows, with the errors of coefficients, of groups' effects and of the variances."""
