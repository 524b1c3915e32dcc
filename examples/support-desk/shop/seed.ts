import type { Database } from 'better-sqlite3'

/** The shop's day: it stands still, so that the same tickets come to the same end on any day. */
export const TODAY = '2026-06-15'

const customers = [
  ['c-ada', 'Ada Lindqvist', 'ada@example.com'],
  ['c-ben', 'Ben Okafor', 'ben@example.com'],
  ['c-carla', 'Carla Reyes', 'carla@example.com'],
  ['c-dmitri', 'Dmitri Volkov', 'dmitri@example.com'],
  ['c-elif', 'Elif Kaya', 'elif@example.com'],
  ['c-frank', 'Frank Adler', 'frank@example.com'],
  ['c-grace', 'Grace Tanaka', 'grace@example.com'],
  ['c-hugo', 'Hugo Martin', 'hugo@example.com'],
  ['c-ines', 'Ines Duarte', 'ines@example.com'],
  ['c-jonas', 'Jonas Berg', 'jonas@example.com'],
  ['c-kate', 'Kate Murray', 'kate@example.com'],
  ['c-liam', 'Liam Walsh', 'liam@example.com'],
]

const products = [
  ['TENT-2', 'Ridge tent for two', 189_00, 14, 'Three seasons, 2.1 kg, twelve pegs in the bag.'],
  ['TENT-4', 'Basecamp tent for four', 420_00, 3, 'Three seasons, 6.8 kg, two rooms.'],
  ['BAG-0', 'Ember sleeping bag', 96_00, 22, 'Comfort down to 0 C, limit -6 C, 1.2 kg, synthetic filling.'],
  ['BAG-10', 'Ember Winter sleeping bag', 158_00, 9, 'Comfort down to -10 C, limit -17 C, 1.7 kg, down filling.'],
  ['MAT-1', 'Drift sleeping mat', 48_00, 31, 'Inflatable, R-value 3.2, 480 g.'],
  ['STOVE-1', 'Pico gas stove', 32_50, 40, 'Screws on standard cartridges, 75 g.'],
  ['POT-2', 'Nest cook set', 39_00, 17, 'Two pots and a lid, aluminium.'],
  ['LAMP-1', 'Glow lantern', 27_00, 55, '200 lumen, charges by USB-C.'],
  ['BOTTLE-1', 'Steel bottle', 22_00, 80, '750 ml, keeps tea hot for 12 hours.'],
  ['PACK-40', 'Trail pack', 128_00, 11, '40 litres, 1.1 kg, rain cover.'],
  ['JACKET-M', 'Shell jacket, size M', 149_00, 6, 'Three layers, taped seams.'],
  ['POLES-2', 'Carbon poles', 85_00, 19, 'A pair, 105 to 135 cm.'],
]

const orders = [
  ['F-1001', 'c-ada', 'shipped', '12 Harbour Street, Leith', '2026-05-28', '2026-06-04', null],
  ['F-1002', 'c-ben', 'delivered', '3 Mill Lane, York', '2026-06-03', '2026-06-10', '2026-06-09'],
  ['F-1003', 'c-carla', 'delivered', '88 Park Road, Leeds', '2026-06-01', '2026-06-09', '2026-06-08'],
  ['F-1004', 'c-dmitri', 'processing', '5 Old Quay, Bristol', '2026-06-13', '2026-06-20', null],
  ['F-1005', 'c-elif', 'delivered', '41 Rose Hill, Oxford', '2026-04-13', '2026-04-21', '2026-04-20'],
  ['F-1006', 'c-frank', 'delivered', '9 Castle View, Ludlow', '2026-06-04', '2026-06-11', '2026-06-10'],
  ['F-1007', 'c-frank', 'shipped', '9 Castle View, Ludlow', '2026-05-27', '2026-06-03', null],
  ['F-1009', 'c-hugo', 'processing', '27 Green Lane, Bath', '2026-06-14', '2026-06-21', null],
  ['F-1010', 'c-ines', 'delivered', '6 Station Road, Hull', '2026-06-02', '2026-06-09', '2026-06-09'],
  ['F-1012', 'c-kate', 'delivered', '70 Cliff Terrace, Whitby', '2026-05-29', '2026-06-05', '2026-06-05'],
  ['F-1013', 'c-liam', 'delivered', '15 Chapel Street, Derby', '2026-06-05', '2026-06-12', '2026-06-11'],
]

const lines = [
  ['F-1001', 'LAMP-1', 2, 27_00],
  ['F-1002', 'MAT-1', 1, 48_00],
  ['F-1003', 'TENT-4', 1, 420_00],
  ['F-1004', 'BAG-0', 1, 96_00],
  ['F-1005', 'JACKET-M', 1, 149_00],
  ['F-1006', 'POT-2', 1, 39_00],
  ['F-1006', 'STOVE-1', 1, 32_50],
  ['F-1007', 'BOTTLE-1', 1, 22_00],
  ['F-1009', 'PACK-40', 1, 128_00],
  ['F-1010', 'POLES-2', 1, 85_00],
  ['F-1012', 'JACKET-M', 1, 149_00],
  ['F-1013', 'TENT-2', 1, 189_00],
]

const charges = [
  ['ch-1', 'F-1001', 54_00, '2026-05-28'],
  ['ch-2', 'F-1002', 48_00, '2026-06-03'],
  ['ch-3', 'F-1003', 420_00, '2026-06-01'],
  ['ch-4', 'F-1004', 96_00, '2026-06-13'],
  ['ch-5', 'F-1005', 149_00, '2026-04-13'],
  ['ch-6', 'F-1006', 71_50, '2026-06-04'],
  ['ch-7', 'F-1007', 22_00, '2026-05-27'],
  ['ch-8', 'F-1009', 128_00, '2026-06-14'],
  ['ch-9', 'F-1010', 85_00, '2026-06-02'],
  ['ch-10', 'F-1010', 85_00, '2026-06-02'],
  ['ch-11', 'F-1012', 149_00, '2026-05-29'],
  ['ch-12', 'F-1013', 189_00, '2026-06-05'],
]

/** Fills a new shop: always the same. */
export function seed(db: Database): void {
  for (const [table, rows] of Object.entries({ customers, products, orders, order_lines: lines, charges })) {
    for (const row of rows) db.prepare(`insert into ${table} values (${row.map(() => '?').join(', ')})`).run(row)
  }
}
