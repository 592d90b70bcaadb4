"""The course as a book: the lessons as they ran, the texts, the exercises, the API of helpers."""
