.include '[2J'
