"""Use cases: audit one profile, explain a finding, run and lint the packs, write templates. No printing, no clock."""
