"""A first model, which sets pydantic going; whoever makes one pays for that, with us or without."""

from pydantic import BaseModel


class First(BaseModel):
    """Nothing in it."""
