.include 'other.sp'
