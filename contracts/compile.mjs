// Compiles BatchAnchor.sol into the artifact on standard output: `npm ci && npm run --silent compile > artifacts/BatchAnchor.json`.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import solc from "solc";

const NAME = "BatchAnchor";
const source = readFileSync(new URL(`${NAME}.sol`, import.meta.url), "utf8");

// Paris is the newest EVM without PUSH0, so the bytecode also runs on the side chains that lag behind Ethereum.
const input = {
  language: "Solidity",
  sources: { [`${NAME}.sol`]: { content: source } },
  settings: {
    evmVersion: "paris",
    optimizer: { enabled: true, runs: 10000 },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "metadata"] } },
  },
};

const output = JSON.parse(solc.compile(JSON.stringify(input)));
if (output.errors?.length) {
  console.error(output.errors.map((error) => error.formattedMessage).join("\n"));
  process.exit(1);
}
const contract = output.contracts[`${NAME}.sol`][NAME];
const artifact = {
  contract: NAME,
  compiler: solc.version(),
  evm_version: input.settings.evmVersion,
  metadata_sha256: createHash("sha256").update(contract.metadata).digest("hex"),
  abi: contract.abi,
  bytecode: `0x${contract.evm.bytecode.object}`,
  deployed_bytecode: `0x${contract.evm.deployedBytecode.object}`,
};
console.log(JSON.stringify(artifact, null, 2));
