"""How somebody proves who they are: access tokens of an identity provider, passwords, codes."""
