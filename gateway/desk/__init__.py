"""The web pages for officials and administrators."""
