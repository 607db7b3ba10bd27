"""Coming from WordPress: external products of an export, as a stream, into drafts or published products."""
