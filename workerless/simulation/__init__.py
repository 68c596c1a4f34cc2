"""What a job type's flow control would do to a load: played in virtual time, by the same rules.

``load`` says what comes, ``course`` plays it, ``report`` sums it up, ``chart`` draws it.
"""
