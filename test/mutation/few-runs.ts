// A property that needs more runs than these to fail is no statement of a rule.
import fc from 'fast-check'

fc.configureGlobal({ numRuns: 5 })
