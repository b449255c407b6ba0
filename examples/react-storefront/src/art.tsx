/** Small pictures of what is sold, drawn here so that the store loads nothing from anywhere. */
import type { ReactNode } from 'react'

const drawings: Record<string, ReactNode> = {
  coffee: (
    <>
      <path d="M62 44h76l8 18v88a10 10 0 0 1-10 10H64a10 10 0 0 1-10-10V62z" fill="#5b4032" />
      <path d="M62 44h76l-6-14H68z" fill="#7a5946" />
      <rect x="66" y="84" width="68" height="48" rx="4" fill="#f3e6d3" />
      <ellipse cx="100" cy="108" rx="13" ry="17" fill="#5b4032" transform="rotate(24 100 108)" />
      <path d="M95 94c10 8-2 18 9 28" fill="none" stroke="#f3e6d3" strokeWidth="3" />
    </>
  ),
  'thyme-tea': (
    <>
      <rect x="58" y="70" width="84" height="90" rx="10" fill="#6f8558" />
      <rect x="54" y="54" width="92" height="22" rx="8" fill="#556743" />
      <rect x="70" y="92" width="60" height="46" rx="4" fill="#f1efe0" />
      <path d="M100 132V100" stroke="#556743" strokeWidth="3" />
      <path
        d="M100 108q-12-2-14-12q13 0 14 12zm0 0q12-2 14-12q-13 0-14 12zm0 14q-12-2-14-12q13 0 14 12zm0 0q12-2 14-12q-13 0-14 12z"
        fill="#6f8558"
      />
    </>
  ),
  'apricot-jam': (
    <>
      <path d="M60 66h80v78a16 16 0 0 1-16 16H76a16 16 0 0 1-16-16z" fill="#e39a3b" />
      <path d="M60 66h80v16H60z" fill="#f0b96a" />
      <rect x="56" y="44" width="88" height="24" rx="5" fill="#9b2335" />
      <rect x="72" y="94" width="56" height="42" rx="4" fill="#fdf3e2" />
      <circle cx="100" cy="116" r="13" fill="#e9a04a" />
      <path d="M100 103q7-10 16-6q-4 9-16 6z" fill="#6f8558" />
    </>
  ),
  cup: (
    <>
      <path d="M54 74h82v44a38 38 0 0 1-38 38h-6a38 38 0 0 1-38-38z" fill="#b86b48" />
      <path d="M54 74h82v14H54z" fill="#dfe5dc" />
      <path d="M54 87q10 16 20 0q11 16 21 0q10 16 20 0q11 16 21 0z" fill="#dfe5dc" />
      <path d="M136 86h8a18 18 0 0 1 0 36h-10" fill="none" stroke="#b86b48" strokeWidth="9" />
      <path
        d="M82 60q-6-8 0-16M98 60q-6-8 0-16M114 60q-6-8 0-16"
        fill="none"
        stroke="#a59a8c"
        strokeWidth="3"
        strokeLinecap="round"
      />
    </>
  ),
  pomegranate: (
    <>
      <path
        d="M88 34h24v26q22 6 22 30v60a10 10 0 0 1-10 10H76a10 10 0 0 1-10-10V90q0-24 22-30z"
        fill="#7d1f2d"
      />
      <rect x="85" y="26" width="30" height="14" rx="4" fill="#3d2a22" />
      <rect x="66" y="96" width="68" height="44" fill="#f8ece6" />
      <circle cx="100" cy="120" r="14" fill="#b3293f" />
      <path d="M94 108l3-8l3 5l3-5l3 8z" fill="#b3293f" />
      <circle cx="96" cy="118" r="2" fill="#f8ece6" />
      <circle cx="104" cy="122" r="2" fill="#f8ece6" />
    </>
  ),
  'wool-socks': (
    <>
      <path d="M66 36h36v66l32 20a18 18 0 0 1-10 34q-8 0-14-4l-44-28z" fill="#4d6a7d" />
      <path d="M66 36h36v16H66z" fill="#e7ddcc" />
      <path d="M66 62h36v6H66zm0 14h36v6H66z" fill="#c9853f" />
      <path d="M134 122a18 18 0 0 1-10 34q-6 0-10-2q14-8 8-40z" fill="#e7ddcc" />
    </>
  ),
}

export function Picture({ sku }: { sku: string }) {
  return (
    <svg className="picture" viewBox="0 0 200 190" aria-hidden="true" focusable="false">
      <ellipse cx="100" cy="164" rx="62" ry="8" className="shadow" />
      {drawings[sku]}
    </svg>
  )
}
