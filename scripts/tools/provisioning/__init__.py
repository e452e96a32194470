"""What commands and tests need from elsewhere: built, downloaded or installed once, then there."""
