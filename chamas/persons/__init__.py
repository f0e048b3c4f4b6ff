"""A person beside her groups: identity, files, lost PINs, shared phones, what is kept of her and how it is erased."""
