"""The experiences that the emulator serves, and the file that describes them."""
