"""The local cloud: an AWS emulator on loopback that the real stacks are deployed to."""
