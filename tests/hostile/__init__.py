"""Files that mean harm, built by code: no sample of anybody's malware is needed to try what malware does."""
