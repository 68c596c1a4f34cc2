"""Pictures of workflows: SVG, and text for Mermaid. Pure."""
