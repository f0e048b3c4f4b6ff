"""A chain of our own: a real EVM behind JSON-RPC over HTTP, one process, `python -m simulator.chain`.

accounts   the funded development accounts          storage   everything the chain knows, in one SQLite file
evm        blocks, execution and state (py-evm)     pool      transactions that wait to be mined
node       the chain as one machine with its moves  methods   what JSON-RPC offers, by name
shapes     how blocks and transactions look outside server    HTTP
"""
