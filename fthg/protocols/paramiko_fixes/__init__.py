"""Works around problems of paramiko, one problem a file, so that each can go when it is solved.

| file | problem | releases |
| --- | --- | --- |
| client_transport.py | puts host certificates last, forgets what a server offers | 2.12 to 5.1 |
| message_repr.py | formats every packet into an error that is swallowed | 2.12 |
| packet_guard.py | takes hours for a packet that announces a list of billions | 2.12 to 5.1 |
| short_exponent.py | computes for seconds with a group that the server chose | 2.12 to 5.1 |
| stderr_tail.py | stores what a server writes to stderr, until nothing else comes | 2.12 to 5.1 |
| transport_log.py | says why a connection ended only in its log, or not at all | 2.12 to 5.1 |
| transport_socket.py | polls when idle; endless or huge packets hold up all else | 2.12 to 5.1 |
| unread.py | stores what a server sends beyond the window, without end | 2.12 to 5.1 |
| user_authentication.py | asks for the service with each attempt; misses steps | 2.12 to 5.1 |
| timeouts.py | bounds single steps by the wall clock, and leaves a timer behind | 2.12 to 5.1 |
"""
