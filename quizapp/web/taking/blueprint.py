"""The area's blueprint."""

from flask import Blueprint

bp = Blueprint("taking", __name__, template_folder="templates")
