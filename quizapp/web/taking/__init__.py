"""The taking area of the site."""
