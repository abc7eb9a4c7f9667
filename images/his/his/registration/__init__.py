"""The registration desk 挂号: find, create and correct patients, sell visits, check them in."""
