"""What control plane and image agree on. Standard library only; the very same files are copied into the image.

Any change of shape or meaning raises CONTRACT_VERSION. The version is an image label, a header of every
control call, and part of the pool key and of a golden dataset's inputs key.
"""

CONTRACT_VERSION = 4
CONTRACT_HEADER = "X-HIS-Contract"
