"""The ground truth: numbers of queueing theory and of published simulations, and whether the simulator agrees.

    cases/NAME.yaml, NAME.json   a case: a scenario one can read, and what others say comes out of it, with the source
    book                         reads them
    voice, days, patience, messaging, routing, sends, traces
                                 which number of a case is which measure
    catalogue                    all of them, by name
    estimates, claims            how a number is measured; how near it must be
    twins                        control variates: the same evidence from fewer customers
    judge                        runs a case and gives its verdicts

`ccsim validate --theory` prints them; the tests ask the same of more customers.
"""
