"""Files as people have them: read with their labels and encodings, described in a codebook, mapped by a recipe.

Floor 1. The only room that touches pyreadstat and openpyxl; it gives pandas frames to the others, and knows contracts.
"""

from povstats.reading.blank import Template, template
from povstats.reading.codebook import Codebook
from povstats.reading.prepared import Prepared
from povstats.reading.read import read
from povstats.reading.reading import Reading
from povstats.reading.recipe import Recipe, recipe
from povstats.reading.recipe_report import RecipeReport, Step
from povstats.reading.shipped import ShippedRecipe, recipes

__all__ = [
    "Codebook",
    "Prepared",
    "Reading",
    "Recipe",
    "RecipeReport",
    "ShippedRecipe",
    "Step",
    "Template",
    "read",
    "recipe",
    "recipes",
    "template",
]
