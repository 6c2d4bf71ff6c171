.include 'top.sp'
