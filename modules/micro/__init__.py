"""How single units fight: each squad's UPC becomes one sharp UPC per unit by a chain of named behaviours."""

from modules.micro.micro import Micro, MicroOptions

__all__ = ["Micro", "MicroOptions"]
