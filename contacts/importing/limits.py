"""How much a file may hold. Plain numbers: the process that unpacks workbooks reads them without Django."""

MB = 1024 * 1024
LARGEST_FILE = 200 * MB
MOST_ROWS = 1_000_000
MOST_COLUMNS = 200
LONGEST_CELL = 10_000  # characters
LONGEST_ROW = 1_000_000  # characters, over all its lines: one row at a time is in memory

# workbooks
LARGEST_WORKBOOK = 50 * MB
MOST_PARTS = 2_000  # files inside it
LARGEST_UNPACKED = 1_000 * MB  # all parts together
LARGEST_TEXTS = 200 * MB  # the table of texts that cells share
HIGHEST_RATIO = 100  # unpacked to packed: people's tables reach 20
RATIO_COUNTS_FROM = 20 * MB  # small parts may be as repetitive as they like
MOST_CELLS = 5_000_000  # rows × columns, blank ones included
MEMORY = 1_000 * MB  # address space of the process that unpacks
SECONDS = 90
