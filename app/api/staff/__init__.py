"""What staff and teachers see and do under `/api/admin`; one file for each subject."""
