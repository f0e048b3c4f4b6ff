"""Everything embedded, with a cast of people: for somebody who has never seen it, and for `demo --check`."""
