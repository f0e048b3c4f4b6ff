"""Solidity and its committed artifacts."""
