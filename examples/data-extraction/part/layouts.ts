/** How a file of the demo is laid out: what a model finds out by looking, and the written part knows. */
export interface Layout {
  readonly tool: 'read_csv' | 'read_file'
  readonly vendor: string
  readonly currency: string
  /** In which order day, month and year stand. */
  readonly dates: 'ymd' | 'dmy' | 'mdy'
  readonly decimal: '.' | ','
  /** Digits of the minor unit. */
  readonly digits: 0 | 2
  /** What stands between cells, where the tool leaves the line whole. */
  readonly between: string | RegExp
  /** Where in a line its description stands; its date is the first cell that is one. */
  readonly text: number
  /** Where in a line, and in the total, the amount stands, counted from the end; or what goes out and what comes in. */
  readonly amount: number | readonly [out: number, into: number]
  /** What the line of the total says. */
  readonly total: string
}

const csv = { tool: 'read_csv', decimal: '.', digits: 2, between: '\t', amount: -1 } as const
const text = { tool: 'read_file', decimal: '.', digits: 2, between: /\s{2,}/, text: 1, amount: -1 } as const

/** The layouts by file. */
export const LAYOUTS: Readonly<Record<string, Layout>> = {
  'aldgate-print.csv': {
    ...csv,
    vendor: 'Aldgate Print Ltd',
    currency: 'GBP',
    dates: 'ymd',
    text: 5,
    amount: -2,
    total: 'Total',
  },
  'bergmann-werkzeug.csv': {
    ...text,
    vendor: 'Bergmann Werkzeughandel GmbH',
    currency: 'EUR',
    dates: 'dmy',
    decimal: ',',
    between: ';',
    text: 2,
    total: 'Summe',
  },
  'cafe-lumiere.csv': {
    ...csv,
    vendor: 'Café Lumière SARL',
    currency: 'EUR',
    dates: 'dmy',
    decimal: ',',
    text: 3,
    total: 'Total',
  },
  'delta-freight.csv': {
    ...csv,
    vendor: 'Delta Freight Inc.',
    currency: 'USD',
    dates: 'mdy',
    text: 3,
    total: 'TOTAL DUE',
  },
  'eastbank-account.csv': {
    ...text,
    vendor: 'Eastbank AG',
    currency: 'CHF',
    dates: 'dmy',
    between: ';',
    amount: [-3, -2],
    total: 'Net movement',
  },
  'fjord-energi.txt': { ...text, vendor: 'Fjord Energi AS', currency: 'NOK', dates: 'dmy', decimal: ',', total: 'Sum' },
  'green-valley.txt': { ...text, vendor: 'Green Valley Farms Co-op', currency: 'USD', dates: 'mdy', total: 'TOTAL' },
  'harbour-supplies.csv': {
    ...csv,
    vendor: 'Harbour Supplies Ltd',
    currency: 'GBP',
    dates: 'dmy',
    text: 3,
    total: 'Total',
  },
  'ito-shoten.csv': { ...csv, vendor: '伊東商店', currency: 'JPY', dates: 'ymd', digits: 0, text: 3, total: '合計' },
}
